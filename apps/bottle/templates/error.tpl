% # The guest is not asked for: the page must come even when the larder does not answer.
% rebase("layout", title=title, cart_count=0, flash=[])
<h1>{{status}} {{title}}</h1>
<p>{{detail}}</p>
<p><a href="/">Back to the menu</a></p>
