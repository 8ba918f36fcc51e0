% rebase("layout", title="The menu", **request.session.on_page())
<h1>The menu</h1>
% for section in sections:
<section aria-labelledby="{{section.course}}">
  <h2 id="{{section.course}}">{{section.title}}</h2>
  <ul class="dishes">
    % for dish in section.dishes:
    % include("dish_card", dish=dish)
    % end
  </ul>
</section>
% end
