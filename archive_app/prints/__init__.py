"""Printed sheets: every one numbered, hashed and audited, so that paper can be asked whether it is still true."""
