// Shows the API's description, to be read and tried. Nothing is asked of any other server.
window.ui = SwaggerUIBundle({ url: "openapi.yaml", dom_id: "#api", deepLinking: true, validatorUrl: null, persistAuthorization: false });
