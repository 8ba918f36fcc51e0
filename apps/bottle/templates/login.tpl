% rebase("layout", title="Sign in", **request.session.on_page())
<h1>Sign in</h1>
% if error:
<p class="error" role="alert">{{error}}</p>
% end
<form class="login" method="post" action="/login">
  % include("csrf_field")
  <input type="hidden" name="next" value="{{next}}">
  <p>
    <label for="username">Name</label>
    <input id="username" name="username" value="{{username}}" autocomplete="username" required>
  </p>
  <p>
    <label for="password">Password</label>
    <input type="password" id="password" name="password" autocomplete="current-password" required>
  </p>
  <p><button>Sign in</button></p>
</form>
