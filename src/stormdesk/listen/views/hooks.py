"""The door for other programs: signed messages to a webhook source. No person signs in here; the signature is the right."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stormdesk.core.clock import utcnow
from stormdesk.listen import actions
from stormdesk.networks.base import NetworkError, Unauthorised


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, brand: str, pk: int) -> HttpResponse:
    """Take one message: 202 with what became of it (200 where the network wants words to read), 401 unsigned, 404 no such source, 422 unreadable."""
    if request.method == "GET":
        # Some networks ask a question first, to see that the door is ours; it is answered like a message.
        return _taken(request, brand, pk, request.META.get("QUERY_STRING", "").encode())
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        length = -1
    if not 0 < length <= actions.HOOK_BYTES:
        return _refused("The message is empty or too large; nothing was taken.", 413)
    return _taken(request, brand, pk, request.body)


def _taken(request: HttpRequest, brand: str, pk: int, body: bytes) -> HttpResponse:
    try:
        taken = actions.receive(
            brand=brand, source=pk, headers=dict(request.headers), body=body, now=utcnow()
        )
    except Unauthorised as error:
        return _refused(str(error), 401)
    except NetworkError as error:
        return _refused(str(error), 422)
    if taken is None:
        raise Http404
    if taken.answer:
        return HttpResponse(taken.answer, content_type="text/plain; charset=utf-8")
    done = taken.done
    return JsonResponse(
        {"read": done.read, "stored": done.stored, "duplicates": done.duplicates, "refused": done.refused},
        # Networks take any success for an answer and repeat what they get anything else for.
        status=202,
    )


def _refused(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)
