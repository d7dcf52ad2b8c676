"""The engine that needs nothing installed: it applies `kubernetes:*` itself and makes `random:*` and
`tls:*` values. It has no providers beyond these, on purpose."""
