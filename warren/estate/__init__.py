"""The estate as it is seen from outside: status of regions and links."""
