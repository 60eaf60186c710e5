namespace Mnist.Core.Requests;

/// <summary>The <see cref="Deadline"/> of a request passed before it was answered.</summary>
public sealed class DeadlineExceededException : Exception
{
    public DeadlineExceededException()
    {
    }

    public DeadlineExceededException(string message)
        : base(message)
    {
    }

    public DeadlineExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
