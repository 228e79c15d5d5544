"""The worker portal: where people and scripted reviewers answer human loops.

`pages.answer` answers everything under `/_localaws/portal`. A person opens the address that
`access.portal_address` gives; its token becomes a cookie. A script sends the token as
`Authorization: Bearer`. The template of a loop runs in a sandboxed frame, so that what it shows
can reach neither the cookie nor the portal.
"""
