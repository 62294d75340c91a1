"""The steps. Their ids are listed in ``heal.store.schema.REVISIONS``."""
