"""Name the two levels of clauses, and the groups of the hardening clauses.

A core clause states what a guest, the staff or a program relies on in ordinary use, or what
security needs. A hardening clause states what only a standard, a scanner or an attacker asks for.
"""

CORE = "core"
HARDENING = "hardening"

# Group id -> title, in the order of tables.
HARDENING_GROUPS = {
    "identifiers": "Other spellings of identifiers and numbers",
    "addresses": "Hostile targets, hosts and links",
    "methods": "Exact Allow, HEAD and unknown methods",
    "media-types": "Media types and Accept",
    "conditions": "Conditional requests and ranges",
    "json": "Malformed and deep JSON",
    "forms": "Odd queries, forms and parts",
    "charsets": "Charsets and invalid text",
    "limits": "Hostile headers, cookies, sizes and races",
    "thrift": "No session, cookie or query without need",
}
