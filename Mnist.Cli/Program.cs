return await Mnist.Cli.CommandLine.RunAsync(args, Console.Out, Console.Error);
