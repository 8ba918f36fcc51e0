<input type="hidden" name="csrf_token" value="{{request.session.csrf_token}}">
