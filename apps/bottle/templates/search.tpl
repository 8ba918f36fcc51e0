% from urllib.parse import urlencode
% rebase("layout", title="Find a dish", **request.session.on_page())
<h1>Find a dish</h1>
<form class="search" action="/dishes" role="search">
  <p>
    <label for="q">Words</label>
    <input type="search" id="q" name="q" value="{{found.q}}" maxlength="100">
  </p>
  <p>
    <label for="course">Course</label>
    <select id="course" name="course">
      <option value="">Every course</option>
      % for value, label in found.courses:
      <option value="{{value}}"{{" selected" if value == found.course else ""}}>{{label}}</option>
      % end
    </select>
  </p>
  <p>
    <label for="sort">Order by</label>
    <select id="sort" name="sort">
      % for value, label in found.sorts:
      <option value="{{value}}"{{" selected" if value == found.sort else ""}}>{{label}}</option>
      % end
    </select>
  </p>
  <p><button>Find dishes</button></p>
</form>
<h2>{{found.total}} found</h2>
<ul class="dishes">
  % for dish in found.dishes:
  % include("dish_card", dish=dish)
  % end
</ul>
<nav class="pages" aria-label="Pages">
  % if found.previous is not None:
  <a rel="prev" href="/dishes?{{urlencode(found.previous)}}">Previous page</a>
  % end
  <p>Page {{found.page}} of {{found.pages}}</p>
  % if found.next is not None:
  <a rel="next" href="/dishes?{{urlencode(found.next)}}">Next page</a>
  % end
</nav>
