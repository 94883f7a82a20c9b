"""Compose conf/ and params.yaml into one resolved file per recipe and stage, which is what DVC watches."""

from __future__ import annotations

import logging
import sys

from _app import CHECKOUT, prepare_process, user_root


def main() -> None:
    from _panel import read_panel
    from _resolve import resolve_recipes
    from warmstart.config.inputs import check_named
    from warmstart.config.write_views import write_views
    from warmstart.errors import UserError
    from warmstart.runtime.console import exit_on_user_error

    with exit_on_user_error():
        prepare_process()
        if sys.argv[1:]:
            raise UserError(f"compose takes no words ({' '.join(sys.argv[1:])}): it composes what params.yaml says")
        panel = read_panel(CHECKOUT / "params.yaml")
        configs = resolve_recipes(panel, user_root())
        check_named(configs.values(), CHECKOUT)
        usual = next(iter(configs.values()))["recipes"]
        if not set(usual) & set(panel.recipes):
            logging.getLogger("warmstart").warning(
                "none of the recipes in params.yaml is one that %s usually runs (%s): `python pipelines/choose.py data=%s` writes those",
                panel.data,
                ", ".join(usual),
                panel.data,
            )
        write_views(CHECKOUT / "artifacts" / panel.data / "conf", configs, panel.recipes)


if __name__ == "__main__":
    main()
