"""Waiting in a browser for what no locator of Playwright can say."""

from playwright.sync_api import Page


def until(page: Page, promise: str) -> None:
    """Wait until what `promise`, an expression, gives is true.

    Our pages forbid `eval`, which Playwright's own `wait_for_function` needs from its second look on.
    """
    page.evaluate(
        f"""async () => {{
          const end = Date.now() + 30_000;
          while (!(await {promise})) {{
            if (Date.now() > end) throw new Error("never became true");
            await new Promise((next) => setTimeout(next, 20));
          }}
        }}"""
    )
