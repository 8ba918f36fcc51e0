"""The report: pages, plots and the README's table, made from report/results.json alone."""
