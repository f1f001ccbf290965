"""What a mail proves about its writer: Authentication-Results of our border, and the tokens that we hand out.

Imports `mail.letter`. Gives evidence; what it permits is judged in `workflow.trust`.
Begin with `authenticity`.
"""
