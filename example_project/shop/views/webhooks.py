"""What other servers call. They carry no cookie, so the conversion is found by its order, not by its visitor."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from example_project.shop.models import Order
from example_project.shop.payments import SIGNATURE_HEADER, PaymentRefused, receive_payment


@csrf_exempt  # the signature proves who calls
@require_POST
def payment(request: HttpRequest) -> JsonResponse:
    """Take the provider's word that an order was paid; it may come more than once."""
    try:
        order = receive_payment(request.body, signature=request.headers.get(SIGNATURE_HEADER, ""))
    except PaymentRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    except Order.DoesNotExist:
        return JsonResponse({"error": "There is no such order."}, status=404)
    return JsonResponse({"order": order.number, "received": True})
