namespace Mnist.Api.Errors;

/// <summary>The body of an error (RFC 9457).</summary>
/// <param name="Type">Row of the error table; programs compare this, not the texts.</param>
/// <param name="Title">The type in words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What was found, what was expected and what to do.</param>
/// <param name="TraceId">Finds this request in the server's log.</param>
/// <param name="Errors">Every validation error of the request, keyed by the path of the field, such as <c>requests[3].image</c>.</param>
public sealed record Problem(string Type, string Title, int Status, string Detail, string TraceId, IReadOnlyDictionary<string, string[]>? Errors = null);
