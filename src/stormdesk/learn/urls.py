"""Reviews; the number in an address is the crisis's."""

from django.urls import path

from stormdesk.learn import views

urlpatterns = [
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/<int:pk>/open/", views.open_review, name="open_review"),
    path("reviews/<int:pk>/answers/", views.answer, name="answer_review"),
    path("reviews/<int:pk>/finish/", views.finish, name="finish_review"),
    path("reviews/<int:pk>/measures/", views.add_measure, name="add_measure"),
    path("measures/<int:pk>/", views.settle_measure, name="settle_measure"),
    path("reviews/<int:pk>.html", views.as_html, name="review_html"),
    path("reviews/<int:pk>.pdf", views.as_pdf, name="review_pdf"),
    path("reviews/<int:pk>.json", views.as_json, name="review_json"),
]
