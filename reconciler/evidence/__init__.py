"""What counts as proof: what an answer, a listing, or a likeness of two names shows, and what not.

Every other room asks here before it concludes that an instance exists, does not exist, is somebody
else's or is the one that was meant. Pure: values in, verdicts out.

=============  ==================================================================================
`names`        whether two names may be one, although a server trimmed, rewrote or cut one of them
`listings`     what a listing settles: nothing, where it is old or contradicts the state
`creates`      what became of creates whose answer was lost, and whether an answer's id is news
`taken`        which names a create must not use, and which live instances nobody explains
`lookalikes`   whether a create is a renamed entry that would be bought again
=============  ==================================================================================
"""
