"""How every form of the product is drawn: one template for a field, one for a form."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """Named in settings as FORM_RENDERER."""

    form_template_name = "web/forms/form.html"
    field_template_name = "web/forms/field.html"
