% rebase("layout", title="How a request travels", **request.session.on_page())
<h1>How a request travels</h1>
<p>A web site works like a restaurant. You are the guest at the front of the house, the kitchen is at the back, and the larder behind it holds what is cooked. This page was made for your request: here is the way it took.</p>
<ol class="journey">
  <li>
    <h2>The guest: the client</h2>
    <p>Your browser wrote an order, an HTTP request, and sent it to the house. It said of itself: <span data-varies>{{browser}}</span>.</p>
  </li>
  <li>
    <h2>The waiter: the server</h2>
    <p>A WSGI server, <span data-varies>{{server}}</span>, took the order at the door and read it to the kitchen in a form that every Python kitchen understands.</p>
  </li>
  <li>
    <h2>The kitchen: the framework</h2>
    <p>The kitchen is run with <span data-varies>{{framework}}</span>. It found the cook for this dish, a function of a few lines, and handed over the order.</p>
  </li>
  <li>
    <h2>The larder: the database</h2>
    <p>The cook fetched from the larder, <span data-varies>{{database}}</span>, which holds {{dishes}} dishes. Queries so far: {{usage.queries}}, answered in <span data-varies>{{usage.milliseconds}} ms</span>.</p>
  </li>
  <li>
    <h2>The plate: the page</h2>
    <p>A template arranged it all as HTML, the waiter carried it back, and your browser served it to you.</p>
  </li>
</ol>
