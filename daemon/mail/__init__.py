"""The postal trade: octets of e-mail to their meaning, and the two protocols that carry them.

Seven rooms on three floors; a room may import the floors below it, `workflow` for its values, and nothing
else of ours (the wire also `courier` and `clock`):

    machines   meaning   trust   wire
    letter     quoting
    languages

Begin with `letter.parse`; `reading.mail` asks the rooms in order.
"""
