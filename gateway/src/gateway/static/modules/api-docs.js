// Draws the browsable API description. A browser's session works in it too: its secret against forged requests goes along.
const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (place.dataset.csrfToken && !["GET", "HEAD"].includes(request.method)) {
      request.headers["X-CSRF-Token"] = place.dataset.csrfToken;
    }
    return request;
  },
});
