"""What the page of keys says before its tables: how values are written, and the shortest stack file."""

HEAD = """\
# Configuration

Every key of a stack file, `Pulumi.<stack>.yaml`. This page and the schema are made from the models in
`components/settings/` by `python -m components.settings.schema --write`; change the models, not the page.

The file's first line lets editors complete and check what you write (with another path from a subfolder):

    {modeline}

Values are checked whole before anything is built, rules between keys included, which a schema cannot hold:
`warren plan --stack <stack>` tells every error at once, with the key's path and what would be right.

## The shortest stack file

One region on a cluster that is there; `east` is a context of your kubeconfig, and the range is your clients'.
Everything else has a default.

{minimal}
## How values are written

- **A duration**: a whole number and one unit, `ms`, `s`, `m`, `h` or `d`; a hundred years at most:
  `500ms`, `30s`, `12h`, `365d`. Not `1h30m`, `1.5h` or `30`. Some keys take whole seconds only.
- **A number that is a time** has no unit; the key's meaning names it: `heartbeat: 60`.
- **Bytes** are a Kubernetes quantity: `20Gi`, `512Mi`, `100M`. `Ki`, `Mi`, `Gi`, `Ti`, `Pi` are powers
  of 1024; `k`, `M`, `G`, `T`, `P` of 1000. Not `20GB`, and not `100m`, which is a tenth of a byte.
- **CPU cores**: a number in quotes, or thousandths of a core: `"2"`, `"1.5"`, `500m`. Not `2` without
  quotes.
- **A release series** is in quotes, or YAML drops its zeros: `"4.3"`, `"4.10"`.
- **An address range**: a network and its prefix length, IPv4 or IPv6 unless the key says which, with no
  bits behind the prefix: `10.0.0.0/16`, not `10.0.0.1/16`. One address is `203.0.113.7/32`.
- **A region or a namespace**: lower-case letters, digits and `-`, beginning with a letter and not ending
  with `-`, 40 characters at most: `east`, `eu-west-1`.
- **A vhost**: `/`, or letters, digits, `.`, `_` and `-`, beginning with a letter or digit.
- **An exchange, a queue, a policy**: letters, digits, `.`, `_` and `-`, beginning with a letter or
  digit: `orders.work`. Such names need no escaping anywhere. Not `orders/work` or `amq.*`.
- **A domain**: lower case, two parts or more, no last dot: `mq.example.com`.
"""

MINIMAL = """\
# yaml-language-server: $schema=schema/warren.schema.json
config:
  warren:domain: rabbit.example.com
  warren:broker:
    service: { allowed_sources: [203.0.113.0/24] }
  warren:regions:
    east: { cloud: existing, context: east }
  warren:dr: { primary: east }
"""
"""A stack file that parses."""
