<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{{title}} · The Larder</title>
  <link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/static/site.css">
  <script src="/static/site.js" defer></script>
</head>
<body>
  <header>
    <a class="brand" href="/">The Larder</a>
    <nav aria-label="Site">
      <ul>
        <li><a href="/">Menu</a></li>
        <li><a href="/dishes">Find a dish</a></li>
        <li><a href="/cart">Cart\\
        % if cart_count:
 <span class="count">{{cart_count}}</span>\\
        % end
</a></li>
        <li><a href="/kitchen">Kitchen</a></li>
      </ul>
    </nav>
  </header>
  <main>
    % for message in flash:
    <p class="flash" role="status">{{message}}</p>
    % end
    {{!base}}
  </main>
  <footer>
    <p>Cooked with <span data-varies>{{framework}}</span></p>
    <p><a href="/about">How a request travels</a> · <a href="/api/openapi.json">API</a></p>
  </footer>
</body>
</html>
