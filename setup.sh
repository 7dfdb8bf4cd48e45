#!/usr/bin/env bash
# Install what is missing: Debian packages, then the pinned Python packages into .venv.
# `setup.sh run` leaves out what only the tests need (a browser, a second database).
set -euo pipefail
cd "$(dirname "$0")"

packages=(
  python3-venv
  tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-eng        # OCR and its languages
  fonts-noto-cjk fonts-babelstone-han                          # Chinese, and rare characters
  libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0         # WeasyPrint (subset: 5-50 times faster)
  fontconfig
)
if [ "${1:-}" != run ]; then
  packages+=(postgresql poppler-utils libatomic1)              # libatomic1: the driver of the browser
  if grep -q '^ID=ubuntu' /etc/os-release; then packages+=(chromium-browser); else packages+=(chromium); fi
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing: ${missing[*]}"
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq || true
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

want=$(cat requirements.txt requirements-dev.txt | sha256sum)
if [ ! -x .venv/bin/python ] || [ "$(cat .venv/installed 2>/dev/null)" != "$want" ]; then
  found=""
  for python in python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      found=$python
      break
    fi
  done
  [ -n "$found" ] || { echo "Python 3.11 or newer is needed; here is $(python3 --version). apt-get install python3.11"; exit 1; }
  echo "installing the Python packages into .venv"
  [ -x .venv/bin/python ] || "$found" -m venv .venv
  .venv/bin/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt
  echo "$want" > .venv/installed
fi

# English is compiled from its catalog; Chinese is the language of the source.
for catalog in translations/*/LC_MESSAGES/messages.po; do
  [ -e "$catalog" ] || continue
  [ "${catalog%.po}.mo" -nt "$catalog" ] || .venv/bin/pybabel -q compile -i "$catalog" -o "${catalog%.po}.mo"
done
