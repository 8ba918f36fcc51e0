"""How does one see a result? Plots as SVG in the page's own colour: data in, Markup out."""
