% rebase("layout", title="Your order", **request.session.on_page())
<h1>Your order</h1>
<p>Thank you, <strong>{{order.guest}}</strong>. Keep this page's address: it is the way back to your order.</p>
<p class="status">Status: <strong>{{order.status}}</strong></p>
% if order.what_next:
<p class="next">{{order.what_next}}</p>
% end
<table class="lines">
  <thead>
    <tr><th scope="col">Dish</th><th scope="col">Price</th><th scope="col">Portions</th><th scope="col">Sum</th></tr>
  </thead>
  <tbody>
    % for line in order.lines:
    <tr><th scope="row">{{line.name}}</th><td>€{{line.price}}</td><td>{{line.quantity}}</td><td>€{{line.total}}</td></tr>
    % end
  </tbody>
  <tfoot>
    <tr><th scope="row" colspan="3">Total</th><td class="total">€{{order.total}}</td></tr>
  </tfoot>
</table>
<p>Placed {{order.placed_time}}</p>
<p class="onward"><a href="/">Back to the menu</a></p>
