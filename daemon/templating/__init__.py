"""Turns templates and values into e-mails, SMS and pages: sandboxed Jinja2 and Markdown.

It knows nothing of why a message is sent or how it travels. Begin with `engine`; `catalogue` lists what each
template may mention.
"""
