"""What a letter's words mean to us: request numbers, mobiles, a citizen's wishes, staff's orders and texts.

Imports `mail.letter`, `mail.quoting`, `mail.languages` and the values of `workflow`. Begin with `extraction`
for citizens and `commands` for staff.
"""
