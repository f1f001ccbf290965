"""The tables that a language file may have, and their keys: what each kind of word does.

What is done where a word stands is for the modules that ask: `quoting`, `machines` and `meaning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from daemon.mail.languages.notation import Entry

Words: TypeAlias = tuple[Entry, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Quotation:
    """How mail programs introduce the letter that is answered."""

    begins: Words = ()
    """Before the date: "On 3 March, NAME wrote:"."""
    begins_joined: Words = ()
    """Before the date, without a blank."""
    hours: Words = ()
    """Behind the hour: "11 am"."""
    wrote: Words = ()
    """The verb after the name: "On DATE, NAME wrote:"."""
    wrote_before: Words = ()
    """The verb before the name: "Am DATE schrieb NAME:"."""
    after_verb: Words = ()
    """Between the verb and the colon: "NAME wrote the following:"."""
    after_address: Words = ()
    """All that may follow the address, where a language has an order of its own."""
    closing_verbs: Words = ()
    """A verb that ends such a line even without a colon."""
    closing_verbs_alone: Words = ()
    """A verb that ends such a line even without a colon and without an address."""
    only_programs: Words = ()
    """Only programs write it so: proof without an address."""
    tells: Words = ()
    """Beside the verb it shows that a person tells of a letter: "wrote to me", «كتب لي». Not «علي»,
    which is a name too."""
    articles: Words = ()
    """They begin no display name."""
    sender: Words = ()
    """Label of the sender above a quoted letter."""
    sent: Words = ()
    """Label of the date that only a mail program writes."""
    date: Words = ()
    """Label of the date that a person may write too."""
    addressee: Words = ()
    """Labels of the other lines there."""
    subject: Words = ()
    """Label of the subject there."""
    original: Words = ()
    """Title above a quoted letter: "-----Original Message-----"."""
    forwarded: Words = ()
    """Title above a forwarded letter: "Begin forwarded message:"."""
    reply_above: Words = ()
    """The marker line of another desk or a forum."""
    reply_above_stems: Words = ()
    """One of these stands in every `reply_above`: a cheap look first."""
    previous: Words = ()
    """A forum's heading above older posts, in bold or under a rule."""


@dataclass(frozen=True, eq=False, repr=False)
class Footers:
    """What programs append below a letter."""

    from_device: Words = ()
    """Before the name of a device: "Sent from my iPhone". A blank follows."""
    device_sent: Words = ()
    """Whole lines in another order: the device first, or the program's own words."""
    sent_from_my: Words = ()
    """Before whatever device its owner named."""
    devices: Words = ()
    """A device or a program; a piece of its name is enough. Product names stand in en.toml."""
    device_words: Words = ()
    """Whole words that name a device."""
    small_words: Words = ()
    """Words beside the device that say nothing else."""
    politely: Words = ()
    """Before an excuse."""
    excuses: Words = ()
    """What an excuse begins with: "Sent from my phone, please excuse typos"."""
    no_signature: Words = ()
    """Below a bare "--": what shows that a letter goes on there."""
    contacts: Words = ()
    """Below a bare "--": what stands in signatures, posts and contacts."""
    list_footers: Words = ()
    """In the footer of a mailing list, below a rule."""


@dataclass(frozen=True, eq=False, repr=False)
class Subjects:
    """What programs put before a subject."""

    replies: Words = ()
    """ "Re:"; as written, with hamza and tashkeel."""
    forwards: Words = ()
    """ "Fwd:"; as written, with hamza and tashkeel."""
    marks: Words = ()
    """Both, as they tell letters of people from those of mail systems."""


@dataclass(frozen=True, eq=False, repr=False)
class Absence:
    """Absence notices. One word alone never decides (docs/MACHINES.md)."""

    subjects: Words = ()
    """What programs put before the answered subject: nobody writes a letter under it."""
    before_title: Words = ()
    """What may stand before that."""
    after_title: Words = ()
    """After it, the span of time or what it is about."""
    title_goes_on: Words = ()
    """After it, what goes on without that."""
    weak_subjects: Words = ()
    """People write them too: they need Exchange's wish for silence beside them."""
    anywhere: Words = ()
    """Anywhere in the subject."""
    sayings: Words = ()
    """An absence said in the first person, or of a house."""
    stems: Words = ()
    """Where none of these stands in the first lines, nobody looks further: a cheap look before the
    costly one."""
    silences: Words = ()
    """How mail fares meanwhile: what only a notice speaks of."""
    returns: Words = ()
    """When they are back: people say so too."""
    substitutes: Words = ()
    """Whom to ask meanwhile: people say so too, of an agent or a brother."""


@dataclass(frozen=True, eq=False, repr=False)
class Automation:
    """Texts that call themselves automatic, and receipts of help desks."""

    asides: Words = ()
    """Before such a sentence."""
    says_so: Words = ()
    """The text calls itself automatic."""
    forbids: Words = ()
    """It forbids an answer."""
    receipts: Words = ()
    """Phrases of a receipt."""
    receipt_subjects: Words = ()
    """How the subject of a receipt begins."""
    stems: Words = ()
    """Where none of these stands in the first lines, nobody looks further: a cheap look before the
    costly one."""


@dataclass(frozen=True, eq=False, repr=False)
class Bounces:
    """Mail that comes back: the dialects of systems that never learnt RFC 3464."""

    subjects: Words = ()
    """What mail systems put at the start of a bounce's subject."""
    labels: Words = ()
    """What may stand before that."""
    fixed_subjects: Words = ()
    """The whole subject, as mail systems write it word for word."""
    tails: Words = ()
    """At the end of the subject, where the answered one comes first."""
    texts: Words = ()
    """What bounces say somewhere: support beside a sender, a null path or a subject."""
    openings: Words = ()
    """How bounces open. Nobody opens a letter so."""
    delivered_to: Words = ()
    """A verdict with the address behind it, at the start of any line."""
    technical: Words = ()
    """A reply code, an enhanced status or an enclosed mail: what people do not write into complaints."""
    delays: Words = ()
    """RFC 3464's "delayed" in words: no failure yet."""
    copies: Words = ()
    """Where the returned letter begins, at the start of a line."""
    verdicts: Words = ()
    """What the failed address stands behind."""
    complaints: Words = ()
    """The whole subject of Hotmail's junk reports."""


@dataclass(frozen=True, eq=False, repr=False)
class Receipts:
    """Read receipts and the answers of calendars."""

    read_subjects: Words = ()
    """ "Read: …" """
    read_texts: Words = ()
    """What such a receipt says."""
    calendar_subjects: Words = ()
    """ "Accepted: …" """


@dataclass(frozen=True, eq=False, repr=False)
class Challenges:
    """Systems that ask for a proof that a person wrote. We send no such proof."""

    subjects: Words = ()
    """How their subject begins."""
    asking: Words = ()
    """What they ask for."""
    held: Words = ()
    """That a letter waits."""


@dataclass(frozen=True, eq=False, repr=False)
class Newsletters:
    """Newsletters and list programs."""

    leave: Words = ()
    """How to leave."""
    managed: Words = ()
    """What list programs write about."""


@dataclass(frozen=True, eq=False, repr=False)
class Senders:
    """Senders by address and display name."""

    no_reply: Words = ()
    """In an address that reads no answers."""
    no_reply_titles: Words = ()
    """A display name, whole or up to a mark, that says so."""
    no_reply_openings: Words = ()
    """Up to a mark, at the start of a display name only."""
    no_reply_names: Words = ()
    """Anywhere in a display name: "The office does not reply to me" is a person's name of despair
    and must not be found."""
    mail_systems: Words = ()
    """Display names of mail systems."""
    perhaps_mail_systems: Words = ()
    """Mail systems call themselves so, and so do people who run them."""


@dataclass(frozen=True, eq=False, repr=False)
class Persons:
    """What only a person says."""

    speaks: Words = ()
    """Somebody speaks of a matter of their own: what is theirs, what they did, want or got, whom
    they blame."""
    greetings: Words = ()
    """How letters of people open."""


@dataclass(frozen=True, eq=False, repr=False)
class Signatures:
    """The end of a staff answer."""

    formulas: Words = ()
    """A closing formula, alone on its line or with a name after a comma."""
    greetings: Words = ()
    """They close a letter, but open one too: on the first line they are no signature."""
    from_whom: Words = ()
    """Before the name of whoever greets."""
    disclaimers: Words = ()
    """The heading of a disclaimer."""
    postscripts: Words = ()
    """It begins a line that is no signature."""


@dataclass(frozen=True, eq=False, repr=False)
class Courtesies:
    """Polite words of a citizen."""

    thanks: Words = ()
    """Thanks: alone they reopen nothing."""
    beside_thanks: Words = ()
    """They may stand beside thanks, and are none by themselves."""


@dataclass(frozen=True, eq=False, repr=False)
class Writing:
    """In which language a letter is written."""

    small: Words = ()
    """Words that no sentence does without; those of other languages are no English ones."""
    common: Words = ()
    """Frequent words of complaints, which know their endings: "-s", "-ed", "-ing"."""
    in_latin: Words = ()
    """The language's words in Latin letters, where its own are others."""
    names: Words = ()
    """What the name of a house, a place or a page begins with, which may stand in an English
    sentence."""
    in_sentences: Words = ()
    """Beside such a name they make it a sentence of the language."""
    appended: Words = ()
    """In a paragraph that a device, a mail server or a company added: no words of the writer."""


TABLES: Final[dict[str, type[object]]] = {
    table.__name__.lower(): table
    for table in (
        Quotation,
        Footers,
        Subjects,
        Absence,
        Automation,
        Bounces,
        Receipts,
        Challenges,
        Newsletters,
        Senders,
        Persons,
        Signatures,
        Courtesies,
        Writing,
    )
}
