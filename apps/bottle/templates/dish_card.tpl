<li class="dish">
  <img src="/{{dish.picture}}" alt="" width="160" height="120" loading="lazy">
  <div>
    <h3><a href="/dishes/{{dish.id}}">{{dish.name}}</a></h3>
    <p class="description">{{dish.description}}</p>
    <p class="price">€{{dish.price}}</p>
    % if dish.sold_out:
    <p class="sold-out">Sold out</p>
    % end
  </div>
</li>
