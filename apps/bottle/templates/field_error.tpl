% if field in errors:
<p class="error" id="{{field}}-error">{{errors[field]}}</p>
% end
