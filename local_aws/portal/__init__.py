"""The worker portal: where people and scripted reviewers answer human loops.

`pages` answers everything under `/_localaws/portal`. A person opens the address that
`access.portal_address` returns; its token becomes a cookie. A script sends the token as
`Authorization: Bearer`. The template of a loop runs in a sandboxed frame, so that its content
can access neither the cookie nor the portal.
"""
