"""Tasks."""

from django.urls import path

from stormdesk.coordinate import views

urlpatterns = [
    path("tasks/", views.mine, name="my_tasks"),
    path("tasks/new/", views.new, name="new_task"),
    path("tasks/<int:pk>/", views.task, name="task"),
    path("tasks/<int:pk>/take/", views.take, name="take_task"),
    path("tasks/<int:pk>/finish/", views.finish, name="finish_task"),
    path("tasks/<int:pk>/drop/", views.drop, name="drop_task"),
    path("tasks/<int:pk>/reassign/", views.reassign, name="reassign_task"),
    path("tasks/<int:pk>/tick/", views.tick, name="tick_task"),
]
