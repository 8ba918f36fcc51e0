% rebase("layout", title="Your cart", **request.session.on_page())
<h1>Your cart</h1>
% for message in errors.values():
<p class="error" role="alert">{{message}}</p>
% end
% if cart.lines:
<table class="cart">
  <thead>
    <tr><th scope="col">Dish</th><th scope="col">Price</th><th scope="col">Portions</th><th scope="col">Sum</th><th scope="col">Change your mind</th></tr>
  </thead>
  <tbody>
    % for line in cart.lines:
    <tr>
      <th scope="row"><a href="/dishes/{{line.dish_id}}">{{line.name}}</a></th>
      <td>€{{line.price}}</td>
      <td>
        <form method="post" action="/cart">
          % include("csrf_field")
          <input type="hidden" name="dish_id" value="{{line.dish_id}}">
          <input type="number" name="quantity" value="{{line.quantity}}" min="0" max="20" aria-label="Portions of {{line.name}}" required>
          <button>Change portions</button>
        </form>
      </td>
      <td>€{{line.total}}</td>
      <td>
        <form method="post" action="/cart">
          % include("csrf_field")
          <input type="hidden" name="dish_id" value="{{line.dish_id}}">
          <input type="hidden" name="quantity" value="0">
          <button>Remove from the cart</button>
        </form>
      </td>
    </tr>
    % end
  </tbody>
  <tfoot>
    <tr><th scope="row" colspan="3">Total</th><td class="total">€{{cart.total}}</td><td></td></tr>
  </tfoot>
</table>
<form class="order" method="post" action="/orders">
  % include("csrf_field")
  <input type="hidden" name="idempotency_key" value="{{idempotency_key}}">
  <p>
    <label for="guest">Your name</label>
    <input id="guest" name="guest" value="{{typed.guest}}" maxlength="80" required>
  </p>
  <p><button>Place the order</button></p>
</form>
% else:
<p>There is nothing in your cart yet. <a href="/">See the menu.</a></p>
% end
