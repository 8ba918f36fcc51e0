"""The addresses of the views."""

from functools import partial

from django.urls import path

import views
from problems import explain

urlpatterns = [
    path("", views.show_menu, name="show_menu"),
    path("dishes", views.search_dishes, name="search_dishes"),
    path("dishes/<int:dish_id>", views.show_dish, name="show_dish"),
    path("dishes/<int:dish_id>/reviews", views.write_review, name="write_review"),
    path("cart", views.Cart.as_view(), name="cart"),
    path("orders", views.place_order, name="place_order"),
    path("orders/<code>", views.show_order, name="show_order"),
    path("login", views.SignIn.as_view(), name="login"),
    path("logout", views.sign_out, name="sign_out"),
    path("kitchen", views.show_kitchen, name="show_kitchen"),
    path("kitchen/orders/<code>", views.move_order, name="move_order"),
    path("kitchen/dishes/<int:dish_id>/photo", views.change_photo, name="change_photo"),
    path("photos/<name>", views.show_photo, name="show_photo"),
    path("kitchen/orders.csv", views.export_orders, name="export_orders"),
    path("api/dishes", views.list_dishes, name="list_dishes"),
    path("api/dishes/<int:dish_id>", views.DishDocument.as_view(), name="dish_document"),
    path("api/orders", views.place_order_by_program, name="place_order_by_program"),
    path("api/openapi.json", views.describe_api, name="describe_api"),
    path("about", views.show_journey, name="show_journey"),
    path("health", views.report_health, name="report_health"),
    path("static/<path:name>", views.send_static, name="send_static"),
]

handler400 = partial(explain, status=400)
handler403 = partial(explain, status=403)
handler404 = partial(explain, status=404)
handler500 = partial(explain, status=500)
