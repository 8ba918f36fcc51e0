% rebase("layout", title="The kitchen", **request.session.on_page())
<h1>The kitchen</h1>
<p>Signed in as <strong>{{staff.username}}</strong>. <a href="/kitchen/orders.csv">Export the orders</a></p>
<form class="logout" method="post" action="/logout">
  % include("csrf_field")
  <p><button>Sign out</button></p>
</form>
<h2>Open orders</h2>
% for order in orders:
<article class="ticket">
  <h3><a href="/orders/{{order.code}}">{{order.guest}}</a></h3>
  <p class="status">{{order.status}}</p>
  <ul>
    % for line in order.lines:
    <li>{{line.quantity}} × {{line.name}}</li>
    % end
  </ul>
  <p>{{order.placed_time}}</p>
  <form method="post" action="/kitchen/orders/{{order.code}}">
    % include("csrf_field")
    <p>
      % for status, label in order.actions:
      <button name="status" value="{{status}}">{{label}}</button>
      % end
    </p>
  </form>
</article>
% end
% if not orders:
<p>Nothing to cook. Sharpen the knives.</p>
% end
