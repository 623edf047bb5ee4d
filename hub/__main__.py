"""``python -m hub`` is ``punte``."""

from hub.cli import main


main()
