"""Printed sheets: each numbered, hashed and audited, so that paper can be asked if it is still true."""
