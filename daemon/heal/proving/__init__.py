"""How a patch is tried before anybody sees it: does it parse, what does the engine say, does the failed task run."""
