"""For all unit tests."""

import gc

# The clouds' SDKs are millions of objects that live as long as the tests do: looking for garbage among
# them at the usual rate takes a third of the time.
gc.set_threshold(100_000, 50, 50)
