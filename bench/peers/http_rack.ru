# The application for puma and unicorn.
run lambda { |_| body = "#{Process.pid} hello\n"; [200, { "content-length" => body.bytesize.to_s }, [body]] }
