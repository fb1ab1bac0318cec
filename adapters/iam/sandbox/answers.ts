/**
 * The bodies that the vendor answers with. Three shapes of error live side by side:
 * Keystone's on `/v3` (otc-tools#36, otc-auth#169), `IAM.…` codes on the vendor's own paths (IAM
 * API reference, Response), and `APIGW.…` codes from the gateway in front (terraform-provider
 * issues 2395, 2444 and 2507).
 */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
};

/** Any JSON body, in the content type that the IAM documents name. */
export function answer(status: number, body: unknown, headers: Record<string, string> = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json;charset=utf8', ...headers },
  });
}

/** `{"error":{code,message,title}}`, from `/v3`. */
export function keystoneError(status: number, message: string): Response {
  return answer(status, { error: { code: status, message, title: TITLES[status] ?? 'Error' } });
}

/** `{"error_msg","error_code"}`, from `/v3-ext` and from checks that precede both. */
export function iamError(status: number, code: string, message: string): Response {
  return answer(status, { error_msg: message, error_code: code });
}

/** `{"error_msg","error_code","request_id"}`, from the API gateway in front of IAM. */
export function gatewayError(status: number, code: string, message: string): Response {
  const requestId = crypto.randomUUID().replaceAll('-', '');
  return answer(status, { error_msg: message, error_code: code, request_id: requestId });
}
