"""The sandbox: embedded mail servers, an SMS console and the play they stage, as adapters beside `mail` and
`sms`. The daemon between them is the real one; nobody else knows that this package exists."""
