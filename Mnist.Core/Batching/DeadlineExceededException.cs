namespace Mnist.Core.Batching;

/// <summary>A request waited longer than <see cref="MnistOptions.Deadline"/>.</summary>
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
