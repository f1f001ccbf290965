"""What a person wrote now, told from what they quote and from what programs append.

Imports nothing of ours but `mail.languages`. Begin with `new_text`.
"""
