% rebase("layout", title=dish.name, **request.session.on_page())
<article class="one-dish">
  <img src="/{{dish.picture}}" alt="" width="320" height="240">
  <div>
    <h1>{{dish.name}}</h1>
    <p class="description">{{dish.description}}</p>
    <p class="price">€{{dish.price}}</p>
    % if dish.allergens:
    <p class="allergens">Contains {{dish.allergens}}.</p>
    % end
    % if dish.sold_out:
    <p class="sold-out">Sold out</p>
    % else:
    <form class="put" method="post" action="/cart">
      % include("csrf_field")
      <input type="hidden" name="dish_id" value="{{dish.id}}">
      <p>
        <label for="quantity">Portions</label>
        <input type="number" id="quantity" name="quantity" value="1" min="1" max="20" required>
      </p>
      <p><button>Put in the cart</button></p>
    </form>
    % end
  </div>
</article>
% if "staff_id" in request.session:
<section aria-labelledby="photo-title">
  <h2 id="photo-title">Photo</h2>
  <form class="photo" method="post" action="/kitchen/dishes/{{dish.id}}/photo" enctype="multipart/form-data">
    <p>
      <label for="photo">PNG, JPEG or WebP, up to 2 MiB</label>
      <input type="file" id="photo" name="photo" accept="image/png,image/jpeg,image/webp" required>
    </p>
    % # After the file: Bottle's parser refuses a few files that come after other fields.
    % include("csrf_field")
    <p><button>Change the photo</button></p>
  </form>
</section>
% end
<section aria-labelledby="reviews">
  <h2 id="reviews">Reviews</h2>
  % for review in reviews:
  <article class="review">
    <h3>{{review.author}}</h3>
    <p class="rating">{{review.rating}} of 5</p>
    <p class="body">{{review.body}}</p>
    <p><time datetime="{{review.written_on}}">{{review.written_on}}</time></p>
  </article>
  % end
  % if not reviews:
  <p>Nobody has written about this dish yet.</p>
  % end
</section>
<section aria-labelledby="write">
  <h2 id="write">Write a review</h2>
  <form class="write" method="post" action="/dishes/{{dish.id}}/reviews">
    % include("csrf_field")
    <p>
      <label for="author">Your name</label>
      <input id="author" name="author" value="{{typed.author}}" maxlength="80" required>
    </p>
    % include("field_error", field="author")
    <p>
      <label for="rating">Rating</label>
      <select id="rating" name="rating" required>
        <option value="">Choose one</option>
        % for rating in "54321":
        <option value="{{rating}}"{{" selected" if rating == typed.rating else ""}}>{{rating}} of 5</option>
        % end
      </select>
    </p>
    % include("field_error", field="rating")
    <p>
      <label for="body">What was it like?</label>
      <textarea id="body" name="body" rows="4" maxlength="10000" required>
{{typed.body}}</textarea>
    </p>
    % include("field_error", field="body")
    <p><button>Send the review</button></p>
  </form>
</section>
