"""The healing chain: roles that ask models, check what they say, and end in a patch or in a reason why there is none.

What it reads is data (``chains/default.yaml`` and its prompts); what it is given are Protocols (``parts``); what comes
out is one frozen ``Answer``. A model's words are data too: edits, a verdict, a sentence, and nothing else is ever taken
from them.
"""
